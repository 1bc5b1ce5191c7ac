using Parley.Protocol.Errors;

namespace Parley.Hub.Identity.Keys;

/// <summary>The value of <c>--tls</c>: where the hub's certificate comes from.</summary>
/// <param name="CertificateFile">PEM file with the certificate and its chain; null = the hub makes its own.</param>
/// <param name="KeyFile">PEM file with the private key; null = the hub makes its own.</param>
internal sealed record TlsOptions(string? CertificateFile, string? KeyFile)
{
    private const string SelfWord = "self";

    /// <summary>The hub makes its own certificate; clients pin its key.</summary>
    public static TlsOptions Self { get; } = new(null, null);

    /// <summary>Whether the hub makes its own certificate.</summary>
    public bool IsSelfMade => CertificateFile is null;

    /// <summary>Reads <c>self</c> or <c>CERT,KEY</c>.</summary>
    /// <exception cref="ParleyException"><see cref="ErrorCode.InvalidArgument"/>.</exception>
    public static TlsOptions Parse(string text)
    {
        if (text == SelfWord)
        {
            return Self;
        }

        return text.Split(',', StringSplitOptions.TrimEntries) is [{ Length: > 0 } certificate, { Length: > 0 } key] && !text.Contains('\0', StringComparison.Ordinal)
            ? new TlsOptions(Path.GetFullPath(certificate), Path.GetFullPath(key))
            : throw new ParleyException(ErrorCode.InvalidArgument, "--tls takes 'self' or 'CERT,KEY': the hub's own certificate, or two PEM files.");
    }
}
