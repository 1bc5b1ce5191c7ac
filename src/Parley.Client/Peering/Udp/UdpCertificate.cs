using Parley.Client.Peering.Paths;
using Parley.Crypto.Dtls;

namespace Parley.Client.Peering.Udp;

/// <summary>The DTLS certificate of one session.</summary>
internal sealed class UdpCertificate(DtlsCertificate certificate) : ISessionCertificate
{
    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Fingerprint => certificate.Fingerprint;

    /// <summary>With its key.</summary>
    public DtlsCertificate Certificate => certificate;

    /// <inheritdoc/>
    public void Dispose() => certificate.Dispose();
}
