using System.Net;
using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>What an instance says of itself on the local network. Anybody can say anything there: it is a hint where to ask, and grants nothing.</summary>
/// <param name="Name">Its <c>self.name</c>.</param>
/// <param name="Port">The port of its agent API.</param>
/// <param name="Pin">The certificate that it says it shows.</param>
/// <param name="Addresses">Where it says it is.</param>
public sealed record PeerAnnouncement(string Name, int Port, CertificatePin Pin, IReadOnlyList<IPAddress> Addresses);
