// The door: code, name, team. The address may carry the code (/join/ABCD2345), so that a QR code fills it in.
const form = document.getElementById("form");
const error = document.getElementById("error");
const inAddress = location.pathname.split("/")[2];
if (inAddress) form.code.value = decodeURIComponent(inAddress);
(inAddress ? form.querySelector("#name") : form.code).focus();

function show(text) {
  error.textContent = text;
  error.hidden = !text;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = Object.fromEntries(new FormData(form));
  if (!data.code || !data.name || !data.side) return show("Fill in the code, your name and your team.");
  try {
    const reply = await fetch("/join", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data),
    });
    const result = await reply.json();
    if (reply.ok) location.assign(result.go);
    else show(`${result.problem} ${result.remedy}`);
  } catch {
    show("The room cannot be reached. Check the network and try again.");
  }
});
