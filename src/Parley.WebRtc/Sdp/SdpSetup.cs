namespace Parley.WebRtc.Sdp;

/// <summary>Who begins the DTLS handshake (RFC 8842, section 5).</summary>
public enum SdpSetup
{
    /// <summary>Either way: what an offer says.</summary>
    ActPass = 0,

    /// <summary>This side sends the ClientHello.</summary>
    Active,

    /// <summary>This side waits for it.</summary>
    Passive,
}
