/* Passkeys: enrol, confirm, sign in, sign. A button with data-passkey asks a device and sends its
   form with the answer. To sign, the registry says what the form would do and keeps nothing of it;
   this module shows those statements, computes the challenge from the very text that it shows, and
   sends the device's answer. The registry builds the statements anew and compares. */
const able = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
const encoder = new TextEncoder();

/* RFC 8785 for what statements are made of: objects, lists, strings and whole numbers. */
const canonical = (value) => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${members.join(",")}}`;
};
const digest = async (value) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(canonical(value))));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

class Refusal extends Error {
  constructor(reasons) { super(reasons.join(" ")); this.reasons = reasons; }
}

const post = async (url, body) => {
  const answer = await fetch(url, { method: "POST", body, headers: { Accept: "application/json" } });
  const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : null;
  if (said?.refusals) throw new Refusal(said.refusals);
  if (!answer.ok || !said) throw new TypeError(answer.statusText);
  return said;
};

const ask = (form, button, purpose) => {
  const body = new FormData();
  body.set("purpose", purpose);
  body.set("csrf_token", form.elements.csrf_token.value);
  return post(button.dataset.ask, body);
};

const create = async (options) => JSON.stringify(await navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }));
const get = (options) => navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });

const element = (name, text, kind) => {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
};

/* What is signed, drawn from the statements that are hashed and from nothing else. */
const show = (said, words, statements, hashes, challenge) => {
  const boxes = statements.map((statement, at) => {
    const box = element("div", "", "statement");
    statement.text.split("\n").forEach((line, nth) => box.append(element("p", line, nth ? "" : "statement-act")));
    box.append(element("p", words.statement.replace("#", hashes[at].slice(0, 8)), "statement-meaning"));
    return box;
  });
  const several = hashes.length > 1 ? [element("p", words.several.replace("#", hex(challenge).slice(0, 8)), "soft")] : [];
  said.replaceChildren(element("p", words.shown), ...boxes, ...several);
};

const changes = (said, pairs) => {
  for (const [name, before, after] of pairs) said.append(element("p", `${name}: ${before} → ${after}`, "soft"));
};

const sign = async (form, button, said) => {
  const body = new FormData(form);
  body.set("rehearse", button.dataset.field);
  const asked = await post(form.getAttribute("action") || location.href, body);
  const hashes = [];
  for (const statement of asked.statements) hashes.push(hex(await digest(statement)));
  const challenge = await digest(hashes.length === 1 ? asked.statements[0] : hashes);
  show(said, said.dataset, asked.statements, hashes, challenge);
  changes(said, asked.changes);
  const credential = await get({ ...asked.options, challenge: base64url(challenge) });
  form.elements[button.dataset.field].value = JSON.stringify({ credential, at: asked.at, statements: hashes });
};

/* Whether a field is filled in; says so beside it where it is not. */
const given = (field) => {
  field.required = true;
  const filled = field.reportValidity();
  field.required = false;
  return filled;
};

const acts = {
  enrol: async (form, button) => {
    if (!form.elements.confirmation.value && !given(form.elements.password)) return false;
    form.elements.passkey.value = await create(await ask(form, button, "enrol"));
  },
  confirm: async (form, button) => {
    form.elements.confirmation.value = JSON.stringify(await get(await ask(form, button, "confirm")));
  },
  "confirm-enrol": async (form, button) => {
    await acts.confirm(form, button);
    return acts.enrol(form, button);
  },
  "sign-in": async (form, button) => {
    form.elements.passkey.value = JSON.stringify(await get(await ask(form, button, "sign_in")));
  },
  sign,
};

const failed = (said, error) => {
  const reasons = error instanceof Refusal ? error.reasons
    : [error instanceof DOMException ? said.dataset.failed : said.dataset.broken];
  const list = element("ul", "", "reasons");
  list.append(...reasons.map((reason) => element("li", reason)));
  said.append(list);
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-passkey]");
  if (!button) return;
  const form = button.form;
  const said = button.parentElement.querySelector("[data-passkey-said]");
  said.replaceChildren();
  button.disabled = true;
  try {
    const done = await acts[button.dataset.passkey](form, button, said);
    if (done !== false) form.submit();
  } catch (error) {
    failed(said, error);
  } finally {
    button.disabled = false;
  }
});

for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = !able;
for (const lack of document.querySelectorAll("[data-passkey-lack]")) lack.hidden = able;
