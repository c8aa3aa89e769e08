import { useState } from "preact/hooks";
import { useWords } from "./language.ts";

const COPIED_MS = 1_500;

/** Code, ready to copy. */
export function CodeBlock({ title, code }: { title: string; code: string }) {
  const say = useWords();
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  return (
    <section class="code" aria-label={title}>
      <header>
        <h3>{title}</h3>
        <button type="button" class="small" onClick={copy} data-copy>
          {say(isCopied ? TEXT.copied : TEXT.copy)}
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, also by the keyboard. */}
      <pre tabIndex={0}>
        <code>{code.trimEnd()}</code>
      </pre>
    </section>
  );
}

const TEXT = {
  copy: { en: "Copy", ko: "복사" },
  copied: { en: "Copied", ko: "복사됨" },
} as const;
