namespace Parley.Crypto.Tls;

/// <summary>How an attempt to read ended.</summary>
internal enum TlsRead
{
    /// <summary>There is plaintext.</summary>
    Data,

    /// <summary>Bytes of the peer are needed first.</summary>
    NeedsInput,

    /// <summary>The peer said close_notify: nothing follows.</summary>
    Closed,
}
