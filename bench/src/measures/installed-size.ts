import { PEERS, PROVIDERS } from "../contenders/registry.ts";
import { failure, figure, megabytes } from "../figures.ts";
import { installed } from "../installed-packages.ts";
import type { Measure } from "../measure.ts";
import { benchFolder } from "../versions.ts";

const MOST_BYTES = 1_500_000;
const MOST_PACKAGES = 4;

export const installedSize: Measure = {
  name: "installed-size",
  title: "Installed size",
  explanation:
    "One package alone in an empty folder: the bytes of its files and of all that it depends on, and how many packages " +
    "that is. Ours are counted as they are packed, core included.",
  isQuick: true,
  async run({ quick }) {
    const data: Record<string, { bytes: number; packages: readonly string[] }> = {};
    const rows = [...PROVIDERS, ...(quick ? [] : PEERS)].map((name) => {
      try {
        const found = installed(name, benchFolder);
        data[name] = found;
        return [name, megabytes(found.bytes), figure(found.packages.length)];
      } catch (error) {
        return [name, failure(error)];
      }
    });
    return {
      data,
      tables: [{ columns: ["", "bytes", "packages"], rows }],
      targets: PROVIDERS.flatMap((name) => {
        const { bytes = Number.NaN, packages = [] } = data[name] ?? {};
        return [
          {
            wanted: `${name}: at most ${megabytes(MOST_BYTES)}`,
            reached: megabytes(bytes),
            isMet: bytes <= MOST_BYTES,
            isExact: true,
          },
          {
            wanted: `${name}: at most ${MOST_PACKAGES} packages`,
            reached: figure(packages.length),
            isMet: packages.length > 0 && packages.length <= MOST_PACKAGES,
            isExact: true,
          },
        ];
      }),
    };
  },
};
