namespace Parley.Crypto.Tls;

/// <summary>A TLS connection was refused or broke. The message is one sentence that is safe to show, and says who can mend it.</summary>
/// <remarks>An <see cref="IOException"/>, so that whatever reads and writes streams (an HTTP client, Kestrel) takes it for a failed connection.</remarks>
public sealed class TlsException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="fault">What happened.</param>
    /// <param name="message">The sentence.</param>
    /// <param name="inner">What caused it, or null.</param>
    public TlsException(TlsFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>What happened.</summary>
    public TlsFault Fault { get; }
}
