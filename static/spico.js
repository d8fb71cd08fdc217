/* What a page gains with JavaScript; nothing needs it. */
(() => {
  "use strict";

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  /* A fragment that did not come is said, never silent; the sentence is written in the page, hidden until then. */
  const trouble = document.getElementById("panne");
  const show = (isShown) => {
    if (trouble) trouble.hidden = !isShown;
  };
  document.addEventListener("htmx:sendError", () => show(true));
  document.addEventListener("htmx:timeout", () => show(true));
  document.addEventListener("htmx:responseError", () => show(true));
  document.addEventListener("htmx:afterSwap", () => show(false));

  /* Copying is offered only where it works. */
  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) break;
    const field = document.getElementById(button.dataset.copy);
    const said = document.getElementById(`${button.dataset.copy}-copie`);
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        said.textContent = "Copié.";
      } catch {
        field.select();
        said.textContent = "Le navigateur refuse : copiez avec Ctrl + C.";
      }
    });
  }

  /* Signing out leaves nothing that was typed in this browser. */
  document.addEventListener("submit", (event) => {
    const start = event.target.dataset.forgets;
    if (!start) return;
    try {
      for (const name of Object.keys(localStorage)) {
        if (name.startsWith(start)) localStorage.removeItem(name);
      }
    } catch {
      /* This browser keeps nothing. */
    }
  });

  /* A form is sent once, however often its button is pressed. */
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
})();
