// The small WebAssembly modules that find the machine's limits, as text.

const VECTORS = 12;

/** So many independent sums, enough to hide the latency of each: with two operands they fit into sixteen registers. */
export function peakText(relaxed) {
  const sums = Array.from({ length: VECTORS }, (_, i) => `$s${i}`);
  const next = (sum) =>
    relaxed
      ? `(f32x4.relaxed_madd (local.get ${sum}) (local.get $m) (local.get $a))`
      : `(f32x4.add (f32x4.mul (local.get ${sum}) (local.get $m)) (local.get $a))`;
  const total = sums.map((sum) => `(local.get ${sum})`).reduce((all, sum) => `(f32x4.add ${all} ${sum})`);
  // The operands come from a parameter, so that nothing is folded.
  return `(module (func (export "peak") (param $n i32) (result f32)
    (local $m v128) (local $a v128) ${sums.map((sum) => `(local ${sum} v128)`).join(" ")}
    (local.set $m (f32x4.splat (f32.sub (f32.const 1) (f32.div (f32.const 1) (f32.convert_i32_s (i32.add (local.get $n) (i32.const 1000)))))))
    (local.set $a (f32x4.splat (f32.div (f32.const 1) (f32.convert_i32_s (local.get $n)))))
    ${sums.map((sum, i) => `(local.set ${sum} (f32x4.splat (f32.const ${i + 1})))`).join("\n")}
    (loop $again
      ${sums.map((sum) => `(local.set ${sum} ${next(sum)})`).join("\n")}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (f32x4.extract_lane 0 ${total})))`;
}

/** Reads 128 bytes an iteration. */
export function bandwidthText() {
  const load = (i) => `(v128.load offset=${16 * i} (local.get $p))`;
  return `(module (memory (export "memory") 1024) (func (export "read") (param $bytes i32) (result i32)
    (local $p i32) ${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `(local $s${i} v128)`).join(" ")}
    (loop $again
      ${[0, 1, 2, 3, 4, 5, 6, 7].map((i) => `(local.set $s${i} (v128.xor (local.get $s${i}) ${load(i)}))`).join("\n")}
      (br_if $again (i32.lt_u (local.tee $p (i32.add (local.get $p) (i32.const 128))) (local.get $bytes))))
    (i32x4.extract_lane 0 ${[1, 2, 3, 4, 5, 6, 7].reduce((all, i) => `(v128.xor ${all} (local.get $s${i}))`, "(local.get $s0)")})))`;
}
