/* What is typed to be sent: kept in this browser until it leaves, forgotten when one signs out (spico.js); and the
   sentences on the way. For discussions.js and begin.js. */
(() => {
  "use strict";

  const DRAFTS = "spico:draft:";
  const sentences = {
    OFFLINE: "Vous êtes hors connexion\u00a0: votre message est gardé ici.",
    BACK: "Vous êtes de nouveau en ligne. Votre message est gardé ici\u00a0: envoyez-le.",
    NO_ANSWER: "La réponse n’est pas arrivée. Votre message est gardé ici\u00a0: envoyez-le de nouveau, il ne partira qu’une fois.",
    SIGNED_OUT: "Votre session est fermée\u00a0: rechargez la page pour vous connecter de nouveau.",
  };

  /* What is said about the sending stands there: under the messages, or in the form. */
  const sayIn = (place) => {
    const said = document.createElement("div");
    said.id = "etat";
    said.className = "say-state";
    said.setAttribute("aria-live", "polite");
    place(said);
    const say = (text, tone = "no") => {
      said.replaceChildren();
      if (!text) return;
      const alert = document.getElementById(`alerte-${tone}`).content.cloneNode(true);
      alert.querySelector("p").textContent = text;
      said.append(alert);
    };
    say.html = (html) => {
      said.innerHTML = html;
    };
    say.offline = () => say(sentences.OFFLINE, "wait");
    window.addEventListener("online", () => {
      if (said.textContent.includes(sentences.OFFLINE)) say(sentences.BACK, "wait");
    });
    return say;
  };

  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  };

  /* `data-draft` begins with the person; of somebody else who used this browser, nothing is kept. A browser that keeps
     nothing leaves the text in the page. */
  const drawer = (form) => {
    const name = `${DRAFTS}${form.dataset.draft}`, own = `${DRAFTS}${form.dataset.draft.split(":")[0]}:`;
    const trying = (act) => {
      try {
        return act();
      } catch {
        return null;
      }
    };
    trying(() => {
      for (const other of Object.keys(localStorage)) {
        if (other.startsWith(DRAFTS) && !other.startsWith(own)) localStorage.removeItem(other);
      }
    });
    return {
      get: () => trying(() => JSON.parse(localStorage.getItem(name))) || {},
      put: (what) => trying(() => (what ? localStorage.setItem(name, JSON.stringify(what)) : localStorage.removeItem(name))),
    };
  };

  window.spicoDrafts = {
    sayAfter: (list) => sayIn((said) => list.after(said)),
    sayBefore: (row) => sayIn((said) => row.before(said)),
    headers: JSON.parse(document.body.getAttribute("hx-headers")),
    newKey,
    drawer,
    sentences,
  };
})();
