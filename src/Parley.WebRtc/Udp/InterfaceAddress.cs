using System.Net;

namespace Parley.WebRtc.Udp;

/// <summary>An address of one of this machine's interfaces.</summary>
/// <param name="Address">The address.</param>
/// <param name="Interface">The interface's name.</param>
/// <param name="IsTemporary">An IPv6 address that is changed now and then so that its user cannot be followed (RFC 8981).</param>
/// <param name="IsDeprecated">It should not be used for anything new.</param>
public sealed record InterfaceAddress(IPAddress Address, string Interface, bool IsTemporary = false, bool IsDeprecated = false);
