namespace Parley.Testing.Network;

/// <summary>How much of the other end a NAT looks at (RFC 4787, sections 4.1 and 5).</summary>
public enum NatBehaviour
{
    /// <summary>Nothing: endpoint-independent.</summary>
    Independent = 0,

    /// <summary>The address.</summary>
    Address,

    /// <summary>Address and port.</summary>
    AddressAndPort,
}

/// <summary>A kind of NAT.</summary>
/// <param name="Mapping">On what the public port depends.</param>
/// <param name="Filtering">Whose datagrams are let in.</param>
public sealed record NatKind(NatBehaviour Mapping, NatBehaviour Filtering)
{
    /// <summary>Hosts inside reach each other by their public addresses.</summary>
    public bool IsHairpinning { get; init; }

    /// <summary>The public port is the private one where it is free.</summary>
    public bool KeepsPorts { get; init; }

    /// <summary>How long a mapping lives without a datagram from inside.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(2);
}
