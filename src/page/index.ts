// tapeless/page: small parts of a page in which a network learns. They use a page's own elements and import tapeless/train alone.

export { TrainError } from "../train/messages.js";
export { bars, type Bars } from "./bars.js";
export { drawingPad, type DrawingPad, type DrawingPadOptions } from "./drawing-pad.js";
export { liveCurve, type LiveCurve } from "./live-curve.js";
export { mnistImage } from "./mnist-image.js";
export { onPolicyViolation, type PolicyViolation } from "./policy.js";
export { recentLoss, type RecentLossOptions } from "./recent-loss.js";
export { weightsImage, type WeightsImage, type WeightsImageOptions } from "./weights-image.js";
