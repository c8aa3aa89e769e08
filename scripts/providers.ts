// The providers of this repository, for all programs that go through them.

/** Each provider: the name of its package and of its folder, and its name in the emulator. */
export const providers = [
  { name: "toss-shopping-auth", emulated: "toss" },
  { name: "naver-commerce-auth", emulated: "naver" },
  { name: "iamport-auth", emulated: "iamport" },
] as const;
