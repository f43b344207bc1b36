// Charts as SVG made on the server, without script and without inline style: a bar chart, the hours of a week, and bars in
// tables. Pure.
import { scaleBand, scaleLinear } from "d3-scale";
import { html } from "hono/html";
import type { Html } from "./html.ts";

const WIDTH = 760;
const HEIGHT = 240;
const LEFT = 44;
const BOTTOM = 26;
// A few bars should not look like walls.
const WIDEST = 56;

export function barChart(
  title: string,
  series: readonly { readonly label: string; readonly views: number }[],
): Html {
  const most = Math.max(1, ...series.map((point) => point.views));
  const y = scaleLinear()
    .domain([0, most])
    .nice(4)
    .range([HEIGHT - BOTTOM, 10]);
  const x = scaleBand<number>()
    .domain(series.keys())
    .range([LEFT, WIDTH])
    .padding(series.length > 40 ? 0.1 : 0.25);
  // About twelve labels fit beside each other at this width.
  const every = Math.ceil(series.length / 12);
  return html`<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
    ${y
      .ticks(4)
      .filter(Number.isInteger)
      .map(
        (tick) =>
          html`<line class="grid" x1="${LEFT}" x2="${WIDTH}" y1="${y(tick)}" y2="${y(tick)}" />
            <text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
      )}
    ${series.map(({ label, views }, index) => {
      const centre = (x(index) ?? 0) + x.bandwidth() / 2;
      const width = Math.min(x.bandwidth(), WIDEST);
      return html`<rect
          class="bar"
          x="${round(centre - width / 2)}"
          y="${round(y(views))}"
          width="${round(width)}"
          height="${round(y(0) - y(views))}"
          rx="2"
        >
          <title>${label}: ${views}</title></rect
        >${
          index % every === 0
            ? html`<text x="${round(centre)}" y="${HEIGHT - 6}" text-anchor="middle">
                ${label}
              </text>`
            : ""
        }`;
    })}
  </svg>`;
}

// Shades that an eye can tell apart; the first is for hours without a view.
const shades = ["0.07", "0.25", "0.45", "0.65", "0.85", "1"];

/** 168 counters from Monday 00:00 as a grid of seven rows, named by `days`; the darker, the more. */
export function weekChart(title: string, days: readonly string[], hours: readonly number[]): Html {
  const most = Math.max(1, ...hours);
  const cell = 28;
  // One path for each shade: 168 squares of their own would be half of the page.
  const squares = shades.map(() => "");
  for (const [at, views] of hours.entries()) {
    const shade = Math.ceil((views / most) * (shades.length - 1));
    const [x, y] = [LEFT + (at % 24) * cell + 2, Math.floor(at / 24) * cell + 2];
    squares[shade] += `M${x} ${y}h21v21h-21z`;
  }
  return html`<svg
    class="chart"
    viewBox="0 0 ${LEFT + 24 * cell} ${7 * cell + BOTTOM}"
    role="img"
    aria-label="${title}"
  >
    ${days.map((day, row) => html`<text x="0" y="${row * cell + 18}">${day}</text>`)}
    ${shades.map((shade, at) => html`<path class="square" d="${squares[at] ?? ""}" opacity="${shade}" />`)}
    ${[0, 6, 12, 18].map((hour) => html`<text x="${LEFT + hour * cell}" y="${7 * cell + 16}">${String(hour).padStart(2, "0")}:00</text>`)}
  </svg>`;
}

/** A bar beside a number in a table; the number is what is read out, so the bar is not. Mirrored by the stylesheet. */
export function shareBar(count: number, most: number): Html {
  const width = round((100 * count) / Math.max(1, most));
  return html`<svg class="share" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${width}" height="4" />
  </svg>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
