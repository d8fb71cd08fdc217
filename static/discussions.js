/* An open conversation: what arrives shows by itself, what is typed is kept and sent once. Without it, the form sends and
   the page shows. The first message of a conversation is begin.js. */
(() => {
  "use strict";

  const list = document.getElementById("messages");
  if (!list) return;
  const { sayAfter, headers, newKey, drawer } = window.spicoDrafts;
  const { OFFLINE, NO_ANSWER, SIGNED_OUT } = window.spicoDrafts.sentences;
  const form = document.getElementById("repondre");
  const field = form && form.querySelector("textarea");
  const button = form && form.querySelector("button[type=submit]");
  const isLive = "url" in list.dataset;
  /* With what a question takes, less than the two seconds in which a closed page must know it. */
  const ASK_EVERY = 1500, LISTEN_AGAIN_AFTER = 30000, SILENT_FOR = 45000, HIDDEN_FOR = 60000;
  const NOT_OPEN = "Cette conversation ne vous est plus ouverte.";
  const TOO_LONG = "Votre message est bien trop long. Il est gardé ici\u00a0: raccourcissez-le, ou envoyez-le en plusieurs fois.";
  const STRANGE = "Votre message n’est pas parti. Il est gardé ici\u00a0: rechargez la page, puis envoyez-le de nouveau.";

  const say = sayAfter(list);

  /* --- Messages, in the order of their numbers, each once --- */

  let last = Number(list.dataset.last || 0);
  let isClosed = false;
  list.setAttribute("aria-live", "polite");

  const numberOf = (row) => Number(row.id.slice(2));
  const isAtTheEnd = () => window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 80;

  const place = (rows, number) => {
    const later = [...list.querySelectorAll('li[id^="m-"]')].find((row) => numberOf(row) > number);
    if (!later) {
      list.append(...rows);
      return;
    }
    /* A day stands above the first message of it. */
    const day = later.previousElementSibling;
    (day && day.classList.contains("day") ? day : later).before(...rows);
  };

  const insert = (html) => {
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    const wasAtTheEnd = isAtTheEnd();
    let days = [], newest = 0;
    for (const row of [...parsed.content.children]) {
      if (!row.id) {
        days.push(row);
        continue;
      }
      newest = Math.max(newest, numberOf(row));
      if (!document.getElementById(row.id)) place([...days, row], numberOf(row));
      days = [];
    }
    if (wasAtTheEnd) window.scrollTo(0, document.documentElement.scrollHeight);
    return newest;
  };

  const arrived = (html) => {
    last = Math.max(last, insert(html));
  };

  const close = (sentence) => {
    isClosed = true;
    hush();
    say(sentence);
    if (!form) return;
    field.readOnly = true;
    button.disabled = true;
  };

  /* Why not is a sentence alone; a page of errors says nothing here. */
  const closeFor = async (answer) => {
    const isSentence = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
    close((isSentence && (await answer.text()).trim()) || NOT_OPEN);
  };

  /* --- Read marks: a moment after one has seen it --- */

  let marked = last, marking = 0;
  const mark = () => {
    if (marking || isClosed || !list.dataset.read || last <= marked || document.visibilityState !== "visible") return;
    marking = setTimeout(async () => {
      marking = 0;
      marked = last;
      try {
        await fetch(list.dataset.read, { method: "POST", headers, body: new URLSearchParams({ upto: last }), redirect: "manual" });
      } catch {
        /* The next page that opens marks it. */
      }
    }, 500 + 2000 * Math.random());
  };

  /* --- Listening; asking while one cannot listen --- */

  let source = null, asking = 0, isAsking = false, again = 0, heard = 0;

  const ask = async () => {
    if (isAsking || isClosed || !navigator.onLine) return;
    isAsking = true;
    try {
      const answer = await fetch(`${list.dataset.url}?apres=${last}`, { headers: { "HX-Request": "true" }, redirect: "manual" });
      if (answer.status === 200) {
        arrived(await answer.text());
        marked = last;
      } else if (answer.type === "opaqueredirect") close(SIGNED_OUT);
      else if (answer.status === 404 || answer.status === 403) await closeFor(answer);
    } catch {
      /* Nothing is lost: the next question asks after the same number. */
    } finally {
      isAsking = false;
    }
  };

  const startAsking = () => {
    if (!asking && !isClosed) asking = setInterval(ask, ASK_EVERY);
  };
  const stopAsking = () => {
    clearInterval(asking);
    asking = 0;
  };

  const hush = () => {
    delete list.dataset.listening;
    if (source) source.close();
    source = null;
    clearTimeout(again);
    stopAsking();
  };

  const listen = () => {
    if (isClosed) return;
    hush();
    if (!list.dataset.stream) {
      ask();
      startAsking();
      return;
    }
    heard = Date.now();
    const own = new EventSource(`${list.dataset.stream}?apres=${last}`, { withCredentials: true });
    source = own;
    own.addEventListener("open", () => {
      list.dataset.listening = "";
      heard = Date.now();
      stopAsking();
    });
    own.addEventListener("alive", () => {
      heard = Date.now();
    });
    own.addEventListener("message", (event) => {
      heard = Date.now();
      arrived(event.data);
      mark();
    });
    own.addEventListener("closed", (event) => close(event.data));
    own.addEventListener("error", () => {
      if (own !== source) return;
      delete list.dataset.listening;
      startAsking();
      /* Refused: the question says why, or goes on alone until the next try. */
      if (own.readyState === EventSource.CLOSED) {
        ask();
        clearTimeout(again);
        again = setTimeout(listen, LISTEN_AGAIN_AFTER);
      }
    });
  };

  if (isLive) {
    listen();
    let hiding = 0;
    document.addEventListener("visibilitychange", () => {
      clearTimeout(hiding);
      if (document.visibilityState === "hidden") hiding = setTimeout(hush, HIDDEN_FOR);
      else if (!source && !asking) listen();
      mark();
    });
    setInterval(() => {
      if (source && Date.now() - heard > SILENT_FOR) listen();
    }, SILENT_FOR / 3);
    window.addEventListener("online", listen);
    window.addEventListener("pagehide", hush);
    window.addEventListener("pageshow", (event) => event.persisted && listen());
  }

  /* --- What is typed: kept until it is sent, forgotten when one signs out (spico.js) --- */

  if (!form) return;
  const kept = drawer(form);
  const key = form.elements.client_key;
  let attempt = null, isSending = false;

  const remember = () => kept.put(field.value ? { text: field.value, attempt } : null);
  const before = kept.get();
  if (before.text && !field.value) {
    field.value = before.text;
    attempt = before.attempt || null;
  }
  field.addEventListener("input", remember);

  const sent = (html) => {
    insert(html);
    say("");
    /* What was typed while it left is the next message. */
    if (field.value === attempt.text) field.value = "";
    attempt = null;
    key.value = newKey();
    remember();
  };

  /* A whole page that says 400 is that of what is too much to be read at all. */
  const refused = async (answer) => {
    if (answer.type === "opaqueredirect") close(SIGNED_OUT);
    else if (answer.status === 404) await closeFor(answer);
    else {
      const html = await answer.text();
      if (!html.includes("<html") && html.trim()) say.html(html);
      else say(answer.status === 400 ? TOO_LONG : STRANGE);
    }
  };

  const send = async () => {
    if (isSending || isClosed) return;
    const text = field.value;
    /* The same text again is the same message; another text is another one, whatever became of the first. */
    if (!attempt || attempt.text !== text) attempt = { text, key: attempt ? newKey() : key.value };
    key.value = attempt.key;
    remember();
    if (!navigator.onLine) {
      say.offline();
      return;
    }
    isSending = true;
    button.disabled = true;
    try {
      const answer = await fetch(form.getAttribute("action").split("#")[0], {
        method: "POST", headers: { ...headers, "HX-Request": "true" }, body: new URLSearchParams(new FormData(form)),
        redirect: "manual", signal: AbortSignal.timeout(20000),
      });
      if (answer.status === 201) sent(await answer.text());
      else await refused(answer);
    } catch {
      say(navigator.onLine ? NO_ANSWER : OFFLINE, "wait");
    } finally {
      isSending = false;
      if (!isClosed) {
        button.disabled = false;
        field.focus();
      }
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
})();
