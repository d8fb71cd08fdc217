/* The first message of a conversation: kept while it is typed, sent once, never lost for want of a network. Without it,
   the form sends. */
(() => {
  "use strict";

  const form = document.getElementById("ecrire");
  if (!form) return;
  const { sayBefore, headers, newKey, drawer, sentences } = window.spicoDrafts;
  const { title, text, client_key: key } = form.elements;
  const say = sayBefore(form.lastElementChild);
  const kept = drawer(form);
  let attempt = null, isSending = false;

  /* What makes it one message: all that is given, but for the key itself. */
  const whole = () => {
    const given = new URLSearchParams(new FormData(form));
    for (const name of ["csrfmiddlewaretoken", "client_key", "find"]) given.delete(name);
    return given.toString();
  };
  const remember = () => kept.put(title.value || text.value ? { title: title.value, text: text.value, attempt } : null);

  const before = kept.get();
  if (!title.value && !text.value) {
    title.value = before.title || "";
    text.value = before.text || "";
    attempt = before.attempt || null;
  }
  remember();
  form.addEventListener("input", remember);

  const send = async () => {
    const given = whole();
    if (!attempt || attempt.given !== given) attempt = { given, key: attempt ? newKey() : key.value };
    key.value = attempt.key;
    remember();
    isSending = true;
    let answer;
    try {
      answer = await fetch(form.action, {
        method: "POST", headers: { ...headers, "HX-Request": "true" }, body: new URLSearchParams(new FormData(form)),
        redirect: "manual", signal: AbortSignal.timeout(20000),
      });
    } catch {
      if (navigator.onLine) say(sentences.NO_ANSWER, "wait");
      else say.offline();
      return;
    } finally {
      isSending = false;
    }
    const there = answer.status === 201 && answer.headers.get("HX-Redirect");
    if (there) {
      kept.put(null);
      window.location.assign(there);
    } else if (answer.type === "opaqueredirect") say(sentences.SIGNED_OUT);
    /* Refused: the page says why, and still holds what was typed. */
    else form.submit();
  };

  /* What is missing is said by the page itself: nothing is tried first. */
  const isWhole = () => title.value.trim() && text.value.trim() && form.querySelector('input[name="to"]:checked');

  form.addEventListener("submit", (event) => {
    const name = event.submitter ? event.submitter.name : "";
    if (!navigator.onLine || isSending) {
      event.preventDefault();
      if (!isSending) say.offline();
    } else if (name === "send" && isWhole()) {
      event.preventDefault();
      send();
    } else if (name === "change") {
      /* It goes along, to be kept under the other account. */
      kept.put(null);
    }
  });
})();
