// tapeless: the language in which networks are declared. Public names only.

export type { DType } from "./graph/dtype.js";
export type { LintCode } from "./graph/lint-codes.js";
export type { Metric, MetricFormula, MetricFunction, Network, Optimizer } from "./graph/network.js";
export type { Node } from "./graph/node.js";
export type { PublicDim } from "./graph/shape.js";
export type { Float32, Operand, Tensor } from "./graph/tensor.js";
export { TapelessError, TapelessErrors } from "./messages.js";
export { network, type EntryOptions, type NetworkOptions, type StepOptions } from "./network.js";

// Leaves
export { carry, type CarryOptions } from "./ops/leaf/carry.js";
export { constant, hyper, input, labels, parameter, size, state, target } from "./ops/leaf/leaves.js";
export type { ConstantOptions, InputOptions, ParameterOptions } from "./ops/leaf/leaves.js";

// Element by element
export {
  abs,
  add,
  ceil,
  cos,
  div,
  erf,
  exp,
  expm1,
  floor,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  reciprocal,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sqrt,
  square,
  sub,
  tanh,
} from "./ops/pointwise/arithmetic.js";
export {
  clip,
  elu,
  gelu,
  hardSigmoid,
  leakyRelu,
  logSigmoid,
  mish,
  relu,
  selu,
  silu,
  softplus,
  softsign,
} from "./ops/pointwise/activations.js";
export {
  cast,
  equal,
  greater,
  greaterEqual,
  less,
  lessEqual,
  logicalAnd,
  logicalNot,
  logicalOr,
  notEqual,
  where,
} from "./ops/pointwise/logic.js";
export { formula } from "./ops/pointwise/formula.js";
export { customGradient } from "./ops/marker/custom-gradient.js";

// Reductions and products
export { max, mean, min, prod, sum } from "./ops/reduce/reduce.js";
export { logSumExp } from "./ops/composite/log-sum-exp.js";
export { argMax, argMin, norm, variance } from "./ops/reduce/statistics.js";
export { matmul } from "./ops/contract/contract.js";
export { einsum } from "./ops/contract/einsum.js";
export { convolve, convolveTranspose } from "./ops/window/convolution.js";
export type { ConvolveOptions, ConvolveTransposeOptions, WeightLayout } from "./ops/window/convolution.js";
export type { Layout, Padding, WindowOptions } from "./ops/window/geometry.js";
export { avgPool, globalAvgPool, globalMaxPool, maxPool, upsample } from "./ops/window/pooling.js";
export { maxPoolWithIndices, maxUnpool, type MaxPoolWithIndices } from "./ops/window/unpooling.js";
export type { AvgPoolOptions, LayoutOptions, PoolOptions } from "./ops/window/pooling.js";
export { logSoftmax, softmax } from "./ops/composite/softmax.js";
export { softmaxCrossEntropy } from "./ops/composite/entropy.js";
export { sigmoidCrossEntropy } from "./ops/pointwise/entropy.js";
export { standardize, type StandardizeOptions } from "./ops/composite/standardize.js";

// Shapes
export { broadcast } from "./ops/view/broadcast.js";
export { expandDims, flatten, reshape, squeeze, transpose } from "./ops/view/views.js";
export { pad, type PadMode, type PadOptions } from "./ops/view/pad.js";
export { roll, type RollOptions } from "./ops/view/roll.js";
export { flip, slice } from "./ops/view/slicing.js";
export { concat, split, stack, tile } from "./ops/view/concat.js";
export { addAt } from "./ops/scatter/add-at.js";
export { setAt } from "./ops/scatter/set-at.js";
export { pick } from "./ops/gather/pick.js";
export { scatterAdd } from "./ops/scatter/scatter-add.js";
export { take, type TakeOptions } from "./ops/gather/take.js";
export type { NegativeOption } from "./ops/gather/indices.js";
export {
  segmentMax,
  segmentMean,
  segmentMin,
  segmentSum,
  type SegmentExtremeOptions,
  type SegmentOptions,
  type SegmentReduce,
} from "./ops/scatter/segments.js";
export { segmentSoftmax } from "./ops/composite/segment-softmax.js";
export { takeAlong } from "./ops/gather/take-along.js";
export { range } from "./ops/view/iota.js";
export { oneHot } from "./ops/gather/one-hot.js";
export { argSort, sort, topK, type SortOptions, type TopKOptions } from "./ops/composite/sort.js";
export { cumsum, type CumsumOptions } from "./ops/composite/cumulative.js";

// Randomness, recurrences, gradients
export { bernoulli, randomNormal, randomUniform } from "./ops/random/random.js";
export { dropout, gaussianNoise } from "./ops/pointwise/noise.js";
export { scan } from "./ops/scan/scan.js";
export { gradient, stopGradient, straightThrough, updating } from "./ops/marker/markers.js";

// Layers, losses, initialisers, optimizers
export { bidirectional, type BidirectionalOptions } from "./nn/bidirectional.js";
export { layer, type Layer, type LayerOptions, type LayerParts } from "./nn/layer.js";
export { dense, type DenseOptions } from "./nn/dense.js";
export {
  conv1d,
  conv2d,
  conv3d,
  convTranspose2d,
  type ConvOptions,
  type ConvTransposeOptions,
} from "./nn/convolution.js";
export { gru, gruCell, type GruCellOptions, type GruOptions } from "./nn/gru.js";
export { lstm, lstmCell, type LstmCellOptions, type LstmOptions } from "./nn/lstm.js";
export { rnn, rnnCell, type RnnCellOptions, type RnnOptions } from "./nn/rnn.js";
export { attentionCache, type AttentionCache, type AttentionCacheOptions } from "./nn/attention-cache.js";
export { causalMask, scaledDotProductAttention, type AttentionOptions } from "./nn/attention.js";
export { multiHeadAttention, type MultiHeadAttentionOptions } from "./nn/multi-head-attention.js";
export { learnedEncoding, sinusoidalEncoding, type LearnedEncodingOptions } from "./nn/positions.js";
export { sequenceCrossEntropy, type SequenceCrossEntropyOptions } from "./nn/sequence-cross-entropy.js";
export {
  transformerDecoder,
  transformerEncoder,
  type TransformerDecoderOptions,
  type TransformerOptions,
} from "./nn/transformer.js";
export { batchNorm, type BatchNormOptions } from "./nn/batch-norm.js";
export { embedding, type EmbeddingOptions } from "./nn/embedding.js";
export { groupNorm, instanceNorm, type GroupNormOptions } from "./nn/group-norm.js";
export { layerNorm, rmsNorm, type LayerNormOptions, type RmsNormOptions } from "./nn/layer-norm.js";
export { binaryCrossEntropy, negativeSampling, type BinaryOptions } from "./nn/losses/binary.js";
export {
  crossEntropy,
  focalLoss,
  negativeLogLikelihood,
  type CrossEntropyOptions,
  type FocalOptions,
} from "./nn/losses/classes.js";
export { type ClassOptions } from "./nn/losses/answers.js";
export { klDivergence, type DivergenceOptions } from "./nn/losses/divergence.js";
export {
  cosineSimilarity,
  cosineSimilarityLoss,
  hinge,
  tripletLoss,
  type CosineLossOptions,
  type HingeOptions,
  type SimilarityOptions,
  type TripletOptions,
} from "./nn/losses/margins.js";
export { elasticNet, l1, l2 } from "./nn/losses/penalties.js";
export { huber, meanAbsoluteError, meanSquaredError } from "./nn/losses/regression.js";
export { type LossOptions } from "./nn/losses/rows.js";
export { accuracy, confusionMatrix, f1, precision, recall, topKAccuracy } from "./nn/metrics/classes.js";
export type { AverageOptions } from "./nn/metrics/classes.js";
export type { ClassMetricOptions } from "./nn/metrics/decisions.js";
export { metric, type MetricDefinition, type MetricOptions } from "./nn/metrics/define.js";
export { auc, average, perplexity, rootMeanSquaredError, rSquared, type AucOptions } from "./nn/metrics/scores.js";
export {
  filled,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  normal,
  uniform,
  zeros,
  type Initializer,
} from "./nn/initializers.js";
export { orthogonal } from "./nn/orthogonal.js";
export { adadelta, type AdadeltaOptions } from "./optimizers/adadelta.js";
export { adagrad, type AdagradOptions } from "./optimizers/adagrad.js";
export { adam, adamw, amsgrad, type AdamOptions } from "./optimizers/adam.js";
export { adamax, type AdamaxOptions } from "./optimizers/adamax.js";
export { lion, type LionOptions } from "./optimizers/lion.js";
export { rmsprop, type RmspropOptions } from "./optimizers/rmsprop.js";
export { momentum, nesterov, sgd, type SgdOptions } from "./optimizers/sgd.js";
export { accumulate } from "./optimizers/accumulate.js";
export { clipByGlobalNorm, clipByNorm, clipByValue, type Clipping } from "./optimizers/clipping.js";
export { maxNorm, type Constraint, type MaxNormOptions } from "./optimizers/constraints.js";
export { movingAverage, type MovingAverageOptions } from "./optimizers/moving-average.js";
export {
  constantRate,
  cosineDecay,
  exponentialDecay,
  linearDecay,
  oneCycle,
  stepDecay,
  warmUp,
  type DecayOptions,
  type ExponentialDecayOptions,
  type OneCycleOptions,
  type Schedule,
  type StepDecayOptions,
  type WarmUpOptions,
} from "./optimizers/schedules.js";
