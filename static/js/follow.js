/* Follows who has signed on other devices: asks the registry every second and a half while the page is
   seen, and puts the newest in the place of what it tells. What is being typed stays as it is; a form
   whose signature was given elsewhere is taken away, one whose statement is older by a signature that
   the page now shows may sign the newer one. What comes in a template goes into the part of the page
   that it names. Without scripts, a link looks again. */
const EVERY = 1500, LATER = 6000;
const place = document.querySelector("[data-follow]");
const again = document.querySelector("[data-look-again]");
const head = document.querySelector("form[data-turn] [name=shown_head]");
let mark = place.dataset.mark, waiting;

const told = () => place.querySelector("[data-signed]").dataset;

const show = (html) => {
  place.innerHTML = html;
  const said = told();
  for (const news of place.querySelectorAll("template[data-for]"))
    document.getElementById(news.dataset.for).replaceChildren(news.content);
  for (const gone of (said.gone ?? "").split(" ").map((id) => document.getElementById(id)))
    if (gone) (gone.closest("details") ?? gone).hidden = true;
  if (!head) return;
  if (said.head) head.value = said.head;
  if (said.head && said.changes) head.form.querySelector(".changes").textContent = said.changes;
  (head.form.closest("details") ?? head.form).hidden = "moot" in said;
};

/* Whether it is to be asked on; throws where the registry does not answer as it should. */
const look = async () => {
  const url = new URL(place.dataset.follow, location.href);
  if (head) url.searchParams.set("head", head.value);
  const answer = await fetch(url, { cache: "no-store", redirect: "error", headers: { "If-None-Match": `"${mark}"` } });
  if (answer.status === 304) return true;
  if (!answer.ok) throw new Error(answer.statusText);
  show(await answer.text());
  mark = answer.headers.get("ETag").replace(/^W\//, "").replaceAll('"', "");
  return !("over" in told());
};

const follow = async () => {
  clearTimeout(waiting);
  if (document.hidden) return;
  let next = EVERY;
  try {
    if (!(await look())) next = 0;
    if (again) again.hidden = true;
  } catch {
    if (again) again.hidden = false;
    next = LATER;
  }
  clearTimeout(waiting);
  if (next) waiting = setTimeout(follow, next);
  else document.removeEventListener("visibilitychange", follow);
};

if (!("over" in told())) {
  document.addEventListener("visibilitychange", follow);
  follow();
}
