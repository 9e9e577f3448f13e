// Seattle's weather: three years to learn from, 2015 to test on, and at the end a chart of that year.
import { training } from "tapeless/config";
import { predict } from "tapeless/train";
import type { Weather } from "../../generated/weather.js";
import { writeChart } from "../data/svg.js";
import { forecasts, seattle } from "../data/weather.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export default training<Weather>({
  // From there on the error of 2014, learning from 2012 and 2013 alone, falls no further.
  epochs: 25,
  load() {
    const days = seattle();
    const set = (from: number, to: number) => {
      const { today, high } = forecasts(days, from, to);
      return { inputs: { today }, targets: { high } };
    };
    return { train: set(2012, 2014), test: set(2015, 2015) };
  },
  show(model) {
    const { today, high, before } = forecasts(seattle(), 2015, 2015);
    const { forecast } = predict(model, { inputs: { today } });
    const path = "pictures/weather.svg";
    writeChart(path, {
      title: "Highest temperature of each day of 2015 in Seattle",
      parts: MONTHS,
      measure: "degrees Celsius",
      lines: [
        { name: "measured", values: high, color: "#999999" },
        { name: "forecast", values: forecast!, color: "#d04000" },
      ],
    });
    const error = (values: ArrayLike<number>): string =>
      Math.sqrt(high.reduce((sum, value, i) => sum + (value - values[i]!) ** 2, 0) / high.length).toFixed(2);
    return `${path}: off by ${error(forecast!)} degrees, where "as today" is off by ${error(before)}`;
  },
});
