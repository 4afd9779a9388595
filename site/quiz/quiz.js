// Self-check questions. The page holds every answer, folded below its question for readers without scripts;
// here a button checks the choice, and the answer to it is put where screen readers announce it.

for (const quiz of document.querySelectorAll(".quiz")) {
  const questions = [...quiz.querySelectorAll(".quiz-question")];
  const firstTries = new Map();
  const solved = new Set();

  for (const question of questions) {
    const button = question.querySelector(".quiz-check");
    const status = question.querySelector(".quiz-status");
    const options = [...question.querySelectorAll("input[type=radio]")];
    const answers = [...question.querySelectorAll(".quiz-feedback")];

    const say = (...content) => {
      // Emptied first: the same answer, checked twice, is announced twice.
      status.replaceChildren();
      setTimeout(() => status.replaceChildren(...content), 50);
    };
    const note = (text) => {
      const line = document.createElement("p");
      line.textContent = text;
      return line;
    };

    const check = () => {
      const at = options.findIndex((option) => option.checked);
      if (at < 0) {
        say(note("Choose an answer first."));
        return;
      }
      const right = options[at].hasAttribute("data-right");
      options.forEach((option, index) => {
        const label = option.closest(".quiz-option");
        if (index === at) label.dataset.verdict = right ? "right" : "wrong";
        else if (right) delete label.dataset.verdict;
      });
      if (!firstTries.has(question)) firstTries.set(question, right);
      if (right) solved.add(question);
      const content = [answers[at].cloneNode(true)];
      if (right && solved.size === questions.length) {
        const first = [...firstTries.values()].filter(Boolean).length;
        content.push(note(`All ${questions.length} questions are answered, ${first} of them right at the first try.`));
      }
      say(...content);
    };

    button.addEventListener("click", check);
    for (const option of options) {
      option.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        event.preventDefault();
        check();
      });
    }
    button.hidden = false;
  }
  quiz.dataset.live = "";
}
