// A2A's own verifier of signatures on the cards of a hub. Arguments: addresses of cards. Prints for each what it found.
import { verifyAgentCardSignature } from '@a2a-js/sdk';
import { importJWK } from 'jose';

const verify = verifyAgentCardSignature(async (kid, jku) => {
  const set = await (await fetch(jku)).json();
  return importJWK(set.keys.find((key) => key.kid === kid), 'ES256');
});
console.debug = () => {};
const check = async (card) => {
  try {
    await verify(card);
    return 'good';
  } catch (error) {
    return error.message;
  }
};
const seen = [];
for (const address of process.argv.slice(2)) {
  const pure = await (await fetch(address, { headers: { 'A2A-Version': '1.0' } })).json();
  const blended = await (await fetch(address)).json();
  seen.push({ pure: await check(pure), blended: await check(blended), changed: await check({ ...pure, description: `${pure.description}!` }) });
}
console.log(JSON.stringify(seen));
