// What the panel says, in both languages; the words are the chat's own.
import type { Language } from "../shared/protocol";

const MESSAGES = {
  brand: ["有据问答", "Cited answers"],
  tagline: ["问文件，句句有出处", "Ask the documents, see the proof"],
  promise: [
    "中文或英文提问。回答的每一句都有文件原文为证，点一下编号就能看到那一段；文件里没有的，会直说。",
    "Ask in Chinese or English. Every sentence is proved by a paragraph one tap away; what the documents do not hold is said plainly.",
  ],
  examples: ["可以这样问", "Try asking"],
  conversation: ["对话", "Conversation"],
  question: ["问题", "Question"],
  placeholder: ["输入问题，回车发送", "Ask a question, Enter to send"],
  send: ["发送", "Send"],
  stop: ["停止", "Stop"],
  fresh: ["新对话", "New conversation"],
  close: ["关闭", "Close"],
  you_asked: ["问：", "You asked: "],
  understood: ["理解为", "Understood as"],
  searching: ["正在查找……", "Searching…"],
  checking: ["正在逐句核对……", "Checking each sentence…"],
  stopped: ["已停止。", "Stopped."],
  proved: ["逐句核对无误", "Checked"],
  verified: ["已核对原文", "Verified against the paragraph"],
  made_quoted: ["原文照引", "quoted word for word"],
  made_written: ["由语言模型撰写", "written by a language model"],
  made_mixed: ["部分照引，部分由语言模型撰写", "partly quoted, partly written by a language model"],
  proved_quoted: ["每一句都一字不差地引自所标的段落。", "Each sentence is quoted word for word from the paragraph it cites."],
  proved_written: [
    "以上文字由语言模型撰写；每一句都由所标的段落证明，不能证明的不显示。",
    "A language model wrote this; each sentence is proved by the paragraphs it cites, and what they do not prove is not shown.",
  ],
  proved_mixed: [
    "有的句子照引原文，有的由语言模型撰写；每一句都由所标的段落证明，不能证明的不显示。",
    "Some sentences are quoted, a language model wrote the others; each is proved by the paragraphs it cites, and what they do not prove is not shown.",
  ],
  proved_what: [
    "已核对：数字和单位、日期、序号、“超过”“近”等限定、名称、增减方向、肯定或否定、用词。",
    "Checked: figures and units, dates, ordinals, words such as “over” and “nearly”, names, rise or fall, denial, wording.",
  ],
  source: ["出处", "Source"],
  sources: ["出处", "Sources"],
  nearest: ["最接近的段落", "Nearest passages"],
  in_zh: ["（中文）", "(in Chinese)"],
  in_en: ["（英文）", "(in English)"],
  short_zh: ["中", "ZH"],
  short_en: ["英", "EN"],
  also_zh: ["另见中文版", "Also in Chinese"],
  also_en: ["另见英文版", "Also in English"],
  copy: ["复制（带出处）", "Copy with sources"],
  copied: ["已复制", "Copied"],
  copy_failed: ["无法复制", "Could not copy"],
  print: ["打印", "Print"],
  good: ["有用", "Helpful"],
  bad: ["没用", "Not helpful"],
  reason: ["为什么？（可不填）", "Why? (optional)"],
  reason_send: ["提交", "Submit"],
  thanks: ["已记录，谢谢。", "Recorded, thank you."],
  not_recorded: ["没有记录成功，请稍后再试。", "That could not be recorded. Please try again later."],
  back: ["返回问答", "Back to the answer"],
  opening_source: ["正在打开原文……", "Opening the document…"],
  no_source: ["打不开这份文件，请稍后再试。", "This document cannot be opened. Please try again later."],
  address: ["来源网址", "Source address"],
  publisher: ["发布者", "Publisher"],
  as_of: ["事实截至", "Facts to"],
  earlier: ["显示前面的段落", "Show earlier paragraphs"],
  later: ["显示后面的段落", "Show later paragraphs"],
  again: ["再试一次", "Try again"],
  reload: ["重新载入", "Reload"],
  resuming: ["连接断开，正在接上……", "The connection was cut; picking up again…"],
  no_reply: ["没有收到回答，请检查连接后再试。", "No answer came back. Check the connection and ask again."],
  offline: ["网络已断开，恢复后可继续提问。", "You are offline. Ask again once the connection is back."],
  no_session: ["现在打不开问答，请稍后再试。", "The assistant cannot be reached just now. Please try again later."],
  busy: ["询问的人较多，请在 {n} 秒后再试。", "Many people are asking. Please try again in {n} s."],
  busy_over: ["现在可以再试了。", "You can try again now."],
  no_words: ["没有看到文字。请用中文或英文写一个问题。", "There are no words in that. Please write a question in Chinese or English."],
  too_long: ["这个问题太长了，请缩短到 {n} 字以内。", "That question is too long. Please keep it under {n} characters."],
  unexpected: ["出了意外，没有得到回答，请再试一次。", "Something unexpected happened and there is no answer. Please try again."],
} as const;

export type Key = keyof typeof MESSAGES;
let column: 0 | 1 = 0;

export function speak(language: Language): void {
  column = language === "zh" ? 0 : 1;
  document.documentElement.lang = tag(language);
}

export const t = (key: Key, n?: number): string => MESSAGES[key][column].replace("{n}", String(n));
export const tag = (language: Language) => (language === "zh" ? "zh-Hans" : "en");

// As the server finds them: an address ends before brackets, quotes and the stops of either language.
export const ADDRESS = /https?:\/\/[^\s<>()（）[\]【】「」《》“”"，。；！？、|]{1,2000}(?<![.,;:!?])/gi;

// The language of a text that does not say: one Han character in eight is Chinese enough.
export function languageOf(text: string): Language {
  const words = text.replace(ADDRESS, "");
  const han = words.match(/\p{Script=Han}/gu)?.length ?? 0;
  return han * 8 > words.length ? "zh" : "en";
}
