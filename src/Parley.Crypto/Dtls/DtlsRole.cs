namespace Parley.Crypto.Dtls;

/// <summary>Which half of the handshake an end plays.</summary>
public enum DtlsRole
{
    /// <summary>Begins: sends the ClientHello.</summary>
    Client,

    /// <summary>Waits for it.</summary>
    Server,
}
