/* Light, dark, or as the device has it. The choice is a cookie, so that the server draws the next
   page in it at once and nothing flashes. */
const root = document.documentElement;
const chooser = document.querySelector("[data-themes]");

function mark() {
  for (const button of chooser.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme ?? "")));
  }
}

function choose(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  const age = theme ? 60 * 60 * 24 * 365 : 0;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `theme=${theme}; Path=/; Max-Age=${age}; SameSite=Lax${secure}`;
  mark();
}

if (chooser) {
  chooser.hidden = false;
  mark();
  chooser.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(button.dataset.themeChoice);
  });
}
