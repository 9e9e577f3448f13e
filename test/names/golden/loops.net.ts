import { dense, input, network, relu, type Tensor } from "tapeless";

type Rows = Tensor<readonly ["batch", number]>;

function encoder(v: Rows): Rows {
  let h = v;
  for (let i = 0; i < 2; i++) {
    const wide = relu(dense(h, 16));
    h = dense(wide, 8);
  }
  return h;
}

let y: Rows = input("x", ["batch", 8]);
for (const units of [4, 4, 2]) y = relu(dense(y, units));
let i = 0;
while (i++ < 2) y = encoder(y);
const out = encoder(dense(y, 8));

export default network("loops", { batch: 4, outputs: { out } });
