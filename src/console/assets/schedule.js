// A file that is dropped anywhere on the form is the chosen file.

const form = document.querySelector("form.drop");
const input = form.querySelector("input[type=file]");

for (const name of ["dragenter", "dragover"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("is-over");
  });
}
form.addEventListener("dragleave", (event) => {
  if (!form.contains(event.relatedTarget)) form.classList.remove("is-over");
});
form.addEventListener("drop", (event) => {
  event.preventDefault();
  form.classList.remove("is-over");
  const { files } = event.dataTransfer;
  if (files.length > 0) {
    input.files = files;
    input.focus();
  }
});
