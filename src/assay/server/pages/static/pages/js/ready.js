// Says to the style sheet that scripts run: .js-only shows, .nojs-only hides.
document.documentElement.classList.add("js");
