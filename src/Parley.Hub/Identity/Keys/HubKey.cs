using Microsoft.Extensions.Logging;
using Parley.Protocol.Errors;
using Parley.Protocol.Files;
using Parley.Protocol.Identity;
using Parley.Protocol.Messaging;

namespace Parley.Hub.Identity.Keys;

/// <summary>Who this hub is: its id, and the certificate that it serves.</summary>
/// <param name="Id">The hub's id, as join strings and link proofs name it.</param>
/// <param name="Certificate">What TLS serves; null without <c>--tls</c>.</param>
/// <param name="Pin">The key that join strings carry: set for a self-made certificate alone, since others are validated as usual.</param>
internal sealed record HubKey(string Id, CertificateFiles? Certificate, SpkiPin? Pin)
{
    /// <summary>Reads the hub's id and certificate from its data folder, and makes what is missing.</summary>
    /// <param name="dataFolder">The data folder; made with mode 0700 where there is none.</param>
    /// <param name="tls">Where the certificate comes from; null = no TLS.</param>
    /// <param name="publicHost">The host name or IP address of <c>--public-url</c>, for the self-made certificate; or null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="fill">The source of randomness for the id.</param>
    /// <param name="loggers">Where a reloaded certificate is told.</param>
    /// <exception cref="ParleyException">
    /// <see cref="ErrorCode.FilePermissions"/>, <see cref="ErrorCode.IntegrityFailed"/>: the data folder's files; <see cref="ErrorCode.InvalidArgument"/>: CERT,KEY do not load.
    /// </exception>
    public static HubKey Open(string dataFolder, TlsOptions? tls, string? publicHost, TimeProvider time, FillRandom fill, ILoggerFactory loggers)
    {
        SecretFile.OpenFolder(dataFolder);
        var id = HubId.Open(dataFolder, fill);
        if (tls is null)
        {
            return new HubKey(id, null, null);
        }

        var logger = loggers.CreateLogger<CertificateFiles>();
        if (!tls.IsSelfMade)
        {
            return new HubKey(id, new CertificateFiles(tls.CertificateFile!, tls.KeyFile!, time, logger), null);
        }

        var path = SelfMadeCertificate.Ensure(dataFolder, id, Hosts(publicHost), time.GetUtcNow());
        var certificate = new CertificateFiles(path, path, time, logger);
        return new HubKey(id, certificate, certificate.Current.Pin);
    }

    private static List<string> Hosts(string? publicHost)
    {
        List<string> hosts = ["localhost", "127.0.0.1", "::1"];
        foreach (var host in new[] { Environment.MachineName, publicHost?.Trim('[', ']') })
        {
            if (IsHost(host) && !hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
            {
                hosts.Add(host!);
            }
        }

        return hosts;
    }

    // A machine may be called anything; a certificate takes DNS names and addresses alone.
    private static bool IsHost(string? host) =>
        host is not null && Uri.CheckHostName(host) is not (UriHostNameType.Unknown or UriHostNameType.Basic);
}
