using Parley.Protocol.Stun;

namespace Parley.Hub.Transports.Stun;

/// <summary>What the hub answers to a datagram: a Binding request gets the address that it came from, everything else gets nothing.</summary>
/// <remarks>
/// An answer is at most <see cref="MaxAnswer"/> bytes and carries the address alone, so that a forged source address is not worth while. Ports of services
/// that would answer to our answer, or that are known as reflectors, get none: echo, daytime, quote, chargen, DNS, TFTP, portmapper, NTP, NetBIOS, SNMP,
/// CLDAP, IKE, syslog, RIP, SSDP, WS-Discovery, mDNS, memcached.
/// </remarks>
internal sealed class StunResponder(StunRates rates)
{
    /// <summary>Longest question that is looked at: what passes everywhere unfragmented (RFC 8489, section 6.1).</summary>
    public const int MaxQuestion = 548;

    /// <summary>Longest answer.</summary>
    public const int MaxAnswer = 64;

    private const int MaxUnknown = 8;
    private const int UnknownAttributes = 420;

    private static readonly HashSet<ushort> _reflectors = [0, 7, 13, 17, 19, 53, 69, 111, 123, 137, 138, 161, 389, 500, 514, 520, 1900, 3702, 5353, 11211];

    /// <summary>Questions that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Datagrams that were dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Answers one datagram.</summary>
    /// <param name="datagram">What came.</param>
    /// <param name="from">From where.</param>
    /// <param name="now">Time since any origin.</param>
    /// <param name="answer">Room for <see cref="MaxAnswer"/> bytes.</param>
    /// <returns>Length of the answer; 0 for none.</returns>
    public int Answer(ReadOnlySpan<byte> datagram, TransportAddress from, TimeSpan now, Span<byte> answer)
    {
        if (datagram.Length > MaxQuestion || !StunMessage.TryParse(datagram, out var question) || question.Class != StunClass.Request || question.Method != StunMethod.Binding
            || _reflectors.Contains(from.Port) || from.IsMulticast || from.IsAny || !rates.TryTake(from, now))
        {
            Dropped++;
            return 0;
        }

        Answered++;
        Span<ushort> unknown = stackalloc ushort[MaxUnknown];
        var count = question.UnknownRequired(unknown);
        var writer = new StunWriter(answer, count == 0 ? StunClass.Success : StunClass.Error, StunMethod.Binding, question.Transaction);
        if (count == 0)
        {
            writer.Add(StunAttribute.XorMappedAddress, from);
        }
        else
        {
            writer.AddError(UnknownAttributes, []);
            writer.AddUnknown(unknown[..count]);
        }

        if (question.HasFingerprint)
        {
            writer.AddFingerprint();
        }

        return writer.Length;
    }
}
