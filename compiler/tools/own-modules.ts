// What a user's file may import of this package, as the very copies that run here.

export const ownModules: Readonly<Record<string, () => Promise<object>>> = {
  tapeless: () => import("../../src/index.js"),
  "tapeless/train": () => import("../../src/train/index.js"),
  "tapeless/data": () => import("../../src/data/index.js"),
  "tapeless/page": () => import("../../src/page/index.js"),
  "tapeless/compiler": () => import("../index.js"),
  "tapeless/config": () => import("./config.js"),
};
