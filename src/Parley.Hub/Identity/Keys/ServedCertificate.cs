using System.Net.Security;
using Microsoft.AspNetCore.Http;
using Parley.Protocol.Identity;

namespace Parley.Hub.Identity.Keys;

/// <summary>The certificate that one connection was served with. It stands among the connection's features, so that the link can compare the key that the client saw.</summary>
/// <param name="Context">Certificate, chain and key as TLS wants them.</param>
/// <param name="Pin">The certificate's key.</param>
internal sealed record ServedCertificate(SslStreamCertificateContext Context, SpkiPin Pin)
{
    /// <summary>SHA-256 of the SubjectPublicKeyInfo that this request's connection was served with; empty when the connection is not TLS.</summary>
    public static byte[] KeyHashOf(HttpContext http) => http.Features.Get<ServedCertificate>()?.Pin.ToHash() ?? [];
}
