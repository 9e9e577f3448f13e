// Element types of tensors in the graph. "float32" is the network's floating type: a build with dtype float64 computes
// and stores the same graph in float64.

/**
 * The types of a tensor's elements. "float32" is the network's floating type: a build with dtype float64 computes all
 * of them in float64. {@link cast} converts.
 */
export type DType = "float32" | "int32" | "bool";
