namespace Parley.Client.PeerApi.Discovery;

/// <summary>Types of records that discovery knows (RFC 1035, section 3.2.2; RFC 3596; RFC 2782).</summary>
internal enum DnsType : ushort
{
    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>A name that belongs to this one: an instance of a service.</summary>
    Pointer = 12,

    /// <summary>Texts, <c>key=value</c> each.</summary>
    Text = 16,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>Machine and port of a service.</summary>
    Service = 33,

    /// <summary>In a question: each type.</summary>
    Any = 255,
}
