// The page of a new project: it trains the network and asks it. Vite serves and builds it.

import { typeNameOf } from "../../5-emit/identifier.js";
import type { Wanted } from "./templates.js";

/** What serves the page, in the newest version that these files were tried with. */
export const VITE = "^8.0.0";

const ending = ({ language }: Wanted): string => (language === "javascript" ? "js" : "ts");

const html = (wanted: Wanted): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>${wanted.name}</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/src/${wanted.name}.page.css" />
  </head>
  <body>
    <h1>Which iris is it?</h1>
    <button type="button" id="train">Train</button>
    <p id="state" role="status">Not trained yet.</p>
    <figure id="curve"></figure>
    <form id="flower">
      <label>Sepal length <input type="range" min="4" max="8" step="0.1" value="5.1" /></label>
      <label>Sepal width <input type="range" min="2" max="4.5" step="0.1" value="3.5" /></label>
      <label>Petal length <input type="range" min="1" max="7" step="0.1" value="1.4" /></label>
      <label>Petal width <input type="range" min="0.1" max="2.5" step="0.1" value="0.2" /></label>
    </form>
    <output id="species"></output>
    <script type="module" src="/src/${wanted.name}.page.${ending(wanted)}"></script>
  </body>
</html>
`;

const css = `body {
  max-width: 32rem;
  margin: 2rem auto;
  padding: 0 1rem;
  font: 1rem/1.5 system-ui, sans-serif;
  color-scheme: light dark;
}

#curve {
  margin: 1rem 0;
  background: white;
  color: black;
}

#curve svg {
  display: block;
  width: 100%;
  height: auto;
}

label {
  display: grid;
  grid-template-columns: 8rem 1fr;
}

#species {
  display: block;
  margin-top: 1rem;
  font-weight: bold;
}
`;

const script = (wanted: Wanted): string => {
  const typed = wanted.language !== "javascript";
  const [doc, of] = typed
    ? ["", "<T extends HTMLElement>(name: string): T => document.querySelector<T>(name)!"]
    : ["/** @param {string} name */\n", "(name) => /** @type {HTMLElement} */ (document.querySelector(name))"];
  const [button, sliders] = typed
    ? ['find<HTMLButtonElement>("#train")', 'document.querySelectorAll<HTMLInputElement>("#flower input")']
    : [
        '/** @type {HTMLButtonElement} */ (find("#train"))',
        '/** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#flower input"))',
      ];
  return `// Trains the network in the page and tells which species it takes a flower for. A change of ${wanted.name}.net.${ending(wanted)}
// is in the page at once, and what was learnt stays where it fits.
import { evaluate, fitAsync, lossCurve } from "tapeless/train";
import { SPECIES, scaled, test, train } from "./${wanted.name}.data.${wanted.imports}";
import { create${typeNameOf(wanted.name)} } from "./${wanted.name}.net.compiled.js";

${doc}const find = ${of};
const button = ${button};
const sliders = Array.from(${sliders});
const net = create${typeNameOf(wanted.name)}({ seed: 1 });

function classify() {
  net.inputs.flower.set(scaled(sliders.map((slider) => slider.valueAsNumber)));
  net.predict(1);
  const shares = Array.from(net.outputs.probability.subarray(0, SPECIES.length));
  find("#species").textContent = shares.map((share, k) => \`\${SPECIES[k]} \${Math.round(100 * share)} %\`).join(", ");
}

button.onclick = async () => {
  button.disabled = true;
  const history = await fitAsync(net, train, {
    epochs: 100,
    validationSplit: 0.1,
    callbacks: [
      (event) => {
        if (event.type === "epochEnd") find("#state").textContent = \`Epoch \${event.epoch + 1}\`;
      },
    ],
  });
  find("#curve").innerHTML = lossCurve(history);
  const { accuracy } = evaluate(net, test);
  find("#state").textContent = \`It is right for \${(100 * Number(accuracy)).toFixed(1)} % of flowers that it has not seen.\`;
  classify();
  button.disabled = false;
};
find("#flower").oninput = classify;
classify();
`;
};

const bundler = `import { tapeless } from "tapeless/vite";
import { defineConfig } from "vite";

export default defineConfig({ plugins: [tapeless()] });
`;

/** By their paths in the project. */
export const pageFiles = (wanted: Wanted): Readonly<Record<string, string>> => ({
  "index.html": html(wanted),
  [`src/${wanted.name}.page.${ending(wanted)}`]: script(wanted),
  [`src/${wanted.name}.page.css`]: css,
  [`vite.config.${ending(wanted)}`]: bundler,
});
