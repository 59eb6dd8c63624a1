// Passkeys: a form with data-passkey is shown where the browser can use them, and sent with the device's answer.
// data-passkey="sign-in" asks the form's address for the options; "use" and "add" find them in #js_data.

const WORDS = {
  NotAllowedError: "The passkey was not used. Try again, or sign in another way.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys only work at the address of this service itself, with https.",
};
const OTHER = "The passkey could not be used. Try again, or sign in another way.";

const devices = window.webauthnJSON;

async function optionsFor(form) {
  if (form.dataset.passkey !== "sign-in") return JSON.parse(document.getElementById("js_data").textContent);
  const response = await fetch(form.action, { headers: { Accept: "application/json" }, credentials: "same-origin" });
  return response.json();
}

async function answerFor(form) {
  const options = await optionsFor(form);
  if (form.dataset.passkey === "add") return devices.create(options.creation_options);
  return devices.get(options.request_options);
}

async function use(form, trouble) {
  trouble.hidden = true;
  try {
    form.elements.namedItem("credential").value = JSON.stringify(await answerFor(form));
    form.submit();
  } catch (error) {
    trouble.textContent = WORDS[error.name] ?? OTHER;
    trouble.hidden = false;
  }
}

if (window.PublicKeyCredential && devices) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const trouble = form.querySelector("[data-passkey-trouble]");
    form.hidden = false;
    form.querySelector("[data-passkey-button]").addEventListener("click", () => use(form, trouble));
    form.addEventListener("submit", (event) => {
      // Return in the field of the name.
      event.preventDefault();
      use(form, trouble);
    });
  }
  for (const words of document.querySelectorAll("[data-passkey-missing]")) words.hidden = true;
}
