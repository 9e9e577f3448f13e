// tapeless/train: the training loop beside a generated model, and its weights in files. Imports nothing, runs in a browser too.

export type { EarlyStopping } from "./early-stopping.js";
export {
  evaluate,
  evaluateAsync,
  type EvaluateAsyncOptions,
  type EvaluateOptions,
  type Evaluation,
} from "./evaluate.js";
export type { BatchEnd, EpochBegin, EpochEnd, FitEvent, Progress, TrainEnd } from "./events.js";
export { checkpointOf, restore } from "./checkpoint.js";
export { fit, fitAsync, type History } from "./fit.js";
export type { FitAsyncOptions, FitOptions } from "./fit-options.js";
export { fromKeras, fromPyTorch, type ForeignLayer, type LayerNames } from "./framework-weights.js";
export { folder } from "./folder.js";
export { historyToCsv, historyToJsonLines, lossCurve, type LossCurveOptions } from "./history.js";
export type { CheckpointOptions } from "./keeper.js";
export { TrainError } from "./messages.js";
export type { Column, Data, Inputs, LeafSpec, MetricSpec, Model, View } from "./model.js";
export type { Measure } from "./own-metrics.js";
export { pageStore } from "./page-store.js";
export type { Pattern } from "./pattern.js";
export { predict, type PredictOptions } from "./predict.js";
export {
  recurrentWeights,
  type KerasWeights,
  type OnnxWeights,
  type PyTorchWeights,
  type RecurrentKind,
  type RecurrentWeights,
} from "./recurrent-weights.js";
export { readSafetensors, type Safetensors } from "./safetensors-read.js";
export { writeSafetensors, type WriteSafetensorsOptions } from "./safetensors-write.js";
export { load, save, tensorsOf, type LoadOptions, type TensorsOfOptions } from "./save.js";
export { checkpointStore, type CheckpointFiles, type CheckpointStore } from "./store.js";
export type { AsyncBatches, Batches } from "./stream.js";
export type { StoredTensor, Tensors } from "./tensor.js";
