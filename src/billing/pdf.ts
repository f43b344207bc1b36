// An invoice as PDF, drawn from its sealed text each time: the same text gives the same bytes. Uses the fonts that every reader
// has; letters that those lack are in the HTML form, and the page says so.
import Document from "pdfkit";
import { buyerLines, documentTitle, factsOf, payFacts, payWords } from "./html.ts";
import { type InvoiceText, rateWords } from "./invoice.ts";
import { moneyWords } from "./money.ts";

// A4 in points, and the columns within its margins.
const LEFT = 56;
const RIGHT = 539;
const WIDTH = RIGHT - LEFT;

export function invoicePdf(text: InvoiceText): Promise<Uint8Array> {
  const document = new Document({
    size: "A4",
    margin: LEFT,
    lang: "en",
    displayTitle: true,
    info: {
      Title: documentTitle(text),
      Author: printable(text.seller.name).text,
      CreationDate: new Date(`${text.issued}T00:00:00Z`),
    },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const chunks: Buffer[] = [];
  document.on("data", (chunk: Buffer) => chunks.push(chunk));
  document.on("end", () => resolve(Buffer.concat(chunks)));
  document.on("error", reject);
  draw(document, text);
  document.end();
  return promise;
}

type Page = InstanceType<typeof Document>;

function draw(page: Page, text: InvoiceText): void {
  const { seller, tax, currency } = text;
  let hasLost = false;
  const plain = (words: string): string => {
    const { text: shown, lost } = printable(words);
    hasLost ||= lost;
    return shown;
  };
  const money = (cents: number): string => moneyWords({ cents, currency });
  page.font("Times-Roman").fontSize(24).text(documentTitle(text), LEFT, LEFT);
  const top = page.y + 18;
  const from = [
    seller.name,
    seller.address,
    seller.vatId === "" ? "" : `VAT id ${seller.vatId}`,
    seller.email,
  ].filter((line) => line !== "");
  const half = WIDTH / 2 - 12;
  const left = block(page, "From", plain(from.join("\n")), LEFT, top, half);
  const right = block(
    page,
    "To",
    plain(buyerLines(text).join("\n")),
    LEFT + WIDTH / 2 + 12,
    top,
    half,
  );
  page.y = Math.max(left, right) + 20;
  for (const [name, value] of factsOf(text)) pair(page, name, plain(value));
  page.y += 18;
  row(page, ["What", "Number", "Amount"], "Helvetica-Bold");
  for (const line of text.lines)
    row(page, [plain(line.words), String(line.quantity), money(line.cents * line.quantity)]);
  row(page, ["Net", "", money(tax.netCents)]);
  row(page, [plain(`${tax.name} ${rateWords(tax.rate)}, included`), "", money(tax.taxCents)]);
  row(page, ["Total", "", money(text.cents)], "Helvetica-Bold");
  page.y += 14;
  page.font("Helvetica").fontSize(10);
  if (tax.note !== "") page.text(plain(tax.note), LEFT, page.y, { width: WIDTH }).moveDown();
  page.text(plain(payWords(text)), LEFT, page.y, { width: WIDTH }).moveDown();
  if (text.kind === "invoice")
    for (const [name, value] of payFacts(text)) pair(page, name, plain(value));
  page.y += 18;
  page.fillColor("#666").fontSize(8);
  page.text(`Policy in force: ${text.policy}`, LEFT, page.y, { width: WIDTH });
  if (hasLost)
    page.text(
      "Letters that the fonts of this file lack stand here as “?”. The HTML form of this document has them all.",
      LEFT,
      page.y,
      { width: WIDTH },
    );
}

/** Returns where it ends. */
function block(
  page: Page,
  title: string,
  words: string,
  x: number,
  y: number,
  width: number,
): number {
  page.font("Helvetica").fontSize(8).fillColor("#666").text(title, x, y, { width });
  page
    .fontSize(10)
    .fillColor("#000")
    .text(words, x, page.y + 2, { width });
  return page.y;
}

function pair(page: Page, name: string, value: string): void {
  const { y } = page;
  page.font("Helvetica").fontSize(10).fillColor("#666").text(name, LEFT, y, { width: 110 });
  page.fillColor("#000").text(value, LEFT + 120, y, { width: WIDTH - 120 });
}

function row(page: Page, cells: readonly [string, string, string], font = "Helvetica"): void {
  const { y } = page;
  page.font(font).fontSize(10).fillColor("#000");
  page.text(cells[1], LEFT + 290, y, { width: 60, align: "right" });
  page.text(cells[2], LEFT + 360, y, { width: WIDTH - 360, align: "right" });
  page.text(cells[0], LEFT, y, { width: 280 });
  const below = page.y + 4;
  page.moveTo(LEFT, below).lineTo(RIGHT, below).lineWidth(0.5).strokeColor("#bbb").stroke();
  page.y = below + 6;
}

// What Windows-1252, the encoding of the fonts that every reader has, holds beyond Latin-1.
const beyondLatin1 = new Set("€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ");

function printable(words: string): { readonly text: string; readonly lost: boolean } {
  let lost = false;
  const text = Array.from(words, (letter) => {
    const code = letter.codePointAt(0) ?? 0;
    if (letter === "\n" || (code >= 0x20 && code < 0x7f)) return letter;
    if ((code >= 0xa0 && code <= 0xff) || beyondLatin1.has(letter)) return letter;
    lost = true;
    return "?";
  }).join("");
  return { text, lost };
}
