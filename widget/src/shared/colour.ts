// Keeps a portal's own accent colour readable: contrast as in WCAG 2.
export type Rgb = readonly [red: number, green: number, blue: number];

export const BLACK: Rgb = [0.07, 0.08, 0.08];
export const WHITE: Rgb = [1, 1, 1];
// Above the 4.5 that text needs, since the accent is also read upon its own tint.
const READABLE = 5.6;
const STEPS = 20;

// The browser reads whatever CSS calls a colour; null for what is none.
export function rgb(colour: string, probe: HTMLElement): Rgb | null {
  if (!colour || !CSS.supports("color", colour)) return null;
  probe.style.color = `color-mix(in srgb, ${colour}, ${colour})`;
  const parts = getComputedStyle(probe).color.match(/[\d.]+(?:e-?\d+)?/g)?.map(Number);
  probe.style.color = "";
  const [red, green, blue] = parts ?? [];
  return red === undefined || green === undefined || blue === undefined ? null : [red, green, blue];
}

export const css = (colour: Rgb) => `rgb(${colour.map((part) => Math.round(part * 255)).join(" ")})`;

const linear = (part: number) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
const light = ([red, green, blue]: Rgb) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);

export function contrast(one: Rgb, other: Rgb): number {
  const [dim, bright] = [light(one), light(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

export const inkOn = (colour: Rgb): Rgb => (contrast(colour, WHITE) >= 4.5 || contrast(colour, WHITE) > contrast(colour, BLACK) ? WHITE : BLACK);

// The colour itself where it can be read on `paper`, else as little as needed towards ink.
export function readable(colour: Rgb, paper: Rgb): Rgb {
  const ink = light(paper) > 0.4 ? BLACK : WHITE;
  const mixed = (share: number): Rgb => {
    const [red, green, blue] = colour.map((part, index) => part + ((ink[index] as number) - part) * share) as [number, number, number];
    return [red, green, blue];
  };
  let share = 0;
  while (share < 1 && contrast(mixed(share), paper) < READABLE) share += 1 / STEPS;
  return mixed(Math.min(share, 1));
}
