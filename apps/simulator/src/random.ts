/** Random numbers from a seed (sfc32): the same seed draws the same numbers on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** `stream`: one seed gives independent numbers to each part of a schedule. */
  constructor(seed: number, stream: string) {
    this.#a = seed >>> 0;
    this.#b = Math.floor(seed / 2 ** 32) >>> 0;
    this.#c = hash(stream);
    for (let warmUp = 0; warmUp < 12; warmUp++) this.share();
  }

  /** From 0 to below 1. */
  share(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.share() * (to - from + 1));
  }

  between(from: number, to: number): number {
    return from + this.share() * (to - from);
  }

  /** As likely between 1 and 10 as between 10 and 100. */
  magnitude(from: number, to: number): number {
    return from * (to / from) ** this.share();
  }

  chance(share: number): boolean {
    return this.share() < share;
  }

  oneOf<T>(choices: readonly [T, ...T[]]): T {
    return choices[this.whole(0, choices.length - 1)] as T;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 2166136261;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 16777619);
  return value >>> 0;
}
