// tapeless/train: the training loop beside a generated model. Imports nothing, runs in a browser too.

export type { EarlyStopping } from "./early-stopping.js";
export {
  evaluate,
  evaluateAsync,
  type EvaluateAsyncOptions,
  type EvaluateOptions,
  type Evaluation,
} from "./evaluate.js";
export type { BatchEnd, EpochBegin, EpochEnd, FitEvent, Progress, TrainEnd } from "./events.js";
export { fit, fitAsync, type FitAsyncOptions, type FitOptions, type History } from "./fit.js";
export { historyToCsv, historyToJsonLines, lossCurve, type LossCurveOptions } from "./history.js";
export { TrainError } from "./messages.js";
export type { Column, Data, Inputs, LeafSpec, MetricSpec, Model, View } from "./model.js";
export type { Measure } from "./own-metrics.js";
export { predict, type PredictOptions } from "./predict.js";
export {
  recurrentWeights,
  type KerasWeights,
  type OnnxWeights,
  type PyTorchWeights,
  type RecurrentKind,
  type RecurrentWeights,
} from "./recurrent-weights.js";
export { load, save } from "./save.js";
export type { AsyncBatches, Batches } from "./stream.js";
