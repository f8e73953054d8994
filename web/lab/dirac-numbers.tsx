import type { JSX } from 'preact';
import { type Complex, jacobianEigenvalues, radius } from '../../src/theory/dirac-gan.ts';
import { useLab } from './lab-page.ts';
import { verdictWords } from './verdict-words.ts';

const written = ({ re, im }: Complex): string =>
  `${Math.abs(re) < 5e-7 ? '0' : re.toFixed(2)}${Math.abs(im) < 5e-7 ? '' : ` ${im > 0 ? '+' : '−'} ${Math.abs(im).toFixed(2)}i`}`;

/** How far each method is from the centre, how it ends, and what the linearised field says. */
export function DiracNumbers(): JSX.Element {
  const { dirac } = useLab();
  const { paths, steps, verdicts } = dirac;
  return (
    <section class="numbers" aria-labelledby="numbers-title" data-part="numbers">
      <h2 id="numbers-title">Numbers</h2>
      <table class="dirac-table">
        <thead>
          <tr>
            <th scope="col">method</th>
            <th scope="col">
              distance
              <br />
              from (0, 0)
            </th>
            <th scope="col">eigenvalues</th>
            <th scope="col">after 5,000</th>
          </tr>
        </thead>
        <tbody>
          {paths.value.map(({ method, states }) => {
            const verdict = verdicts.value.get(method.name);
            const state = states[Math.min(states.length - 1, steps.value)]!;
            const distance = radius(state);
            return (
              <tr key={method.name}>
                <th scope="row">{method.name}</th>
                <td>{distance < 1e-3 ? distance.toExponential(0) : distance.toFixed(3)}</td>
                <td>{jacobianEigenvalues(method.field).map(written).join(', ')}</td>
                <td
                  title={verdict ? verdictWords[verdict].long : ''}
                  class={verdict ?? ''}
                  data-testid={`verdict-${method.name}`}
                >
                  {verdict ? verdictWords[verdict].short : '–'}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="method">
        Eigenvalues of the field's Jacobian at the centre. Both real parts below 0: training with small steps
        arrives there at an exponential rate. On the imaginary axis it turns in circles. WGAN and WGAN-GP have
        fields that are not smooth there, or are clipped. Data at 0, G at θ, D = ψx; start (1, 1), h = 0.1,
        weights as in Mescheder et al. 2018.
      </p>
    </section>
  );
}
