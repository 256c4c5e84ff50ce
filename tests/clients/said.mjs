// What every client of Node says, so that the tests look for the same: each kind of call, for two people.
export const consent = { categoryPreferences: { personalise: true, measure: true, link: true, advertise: false } }
/** The same answers in RudderStack's shape. */
export const consentManagement = { allowedConsentIds: ['personalise', 'measure', 'link'], deniedConsentIds: ['advertise'] }
export const day = (n, hour) => new Date(Date.UTC(2026, 9, n, hour, 30, 15, 250))

/** `tag` tells the people of one client from those of another; `context` bears the consent. */
export function calls(tag, context) {
  const common = { context: { ...context, locale: 'fr-FR' } }
  return [1, 2].flatMap((n) => {
    const who = { userId: `${tag}-${n}`, anonymousId: `${tag}-browser-${n}` }
    const traits = { email: `${tag}.${n}@Example.org`, city: 'Lyon' }
    return [
      ['identify', { ...common, ...who, traits, timestamp: day(n, 8) }],
      ['track', { ...common, ...who, event: `Order ${n}`, properties: { total: 12.5, lines: [{ sku: 'Été' }] }, timestamp: day(n, 9) }],
      ['page', { ...common, ...who, name: 'Shop', properties: { path: `/shop/${n}` }, timestamp: day(n, 10) }],
      ['screen', { ...common, ...who, name: 'Basket', properties: { step: n }, timestamp: day(n, 11) }],
      ['group', { ...common, ...who, groupId: `household-${n}`, traits: { size: 4 }, timestamp: day(n, 12) }],
      ['alias', { ...common, userId: `${tag}-${n}`, previousId: `${tag}-before-${n}`, timestamp: day(n, 13) }],
      // No time of its own: the client's clock says when.
      ['track', { ...common, ...who, event: `Now ${n}` }]
    ]
  })
}
