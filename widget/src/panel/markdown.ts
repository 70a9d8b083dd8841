// Words of readers and documents as one line of Markdown in which they stay words; the chat copies by the same rules.
const ACTIVE = /[\\<[\]*`]|&(?=#[0-9xX]|[A-Za-z][A-Za-z0-9]{0,30};)/g;
// At the beginning of a line: headings, lists, rules, fences, quotations.
const BLOCK = /^([0-9]{0,9})((?<=[0-9])[.)](?=\s|$)|(?<![0-9])(?:[>~_]|#{1,6}(?=\s|$)|[-+](?=\s|$|-)))/;

export const plain = (text: string) => text.trim().replace(/\s+/g, " ").replace(ACTIVE, "\\$&").replace(BLOCK, "$1\\$2");

// An address keeps its look, but for what would end it or begin a tag.
export const plainAddress = (address: string) => address.replace(/[\s<>"`\\[\]*]/g, (sign) => encodeURIComponent(sign).replace("*", "%2A"));
