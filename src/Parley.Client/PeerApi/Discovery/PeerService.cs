using Parley.Client.PeerApi.Entries;
using Parley.Crypto.Tls;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>The service <c>_parley._tcp.local</c> as records (RFC 6763): what is announced, what answers a question, what a record says. Pure.</summary>
/// <remarks>
/// An instance is named for the peer and the first eight digits of its fingerprint, so that two of one name do not contend and nothing has to be probed for.
/// Its text has <c>v=1</c>, <c>name</c> and <c>fp</c>, the certificate's SHA-256.
/// </remarks>
internal static class PeerService
{
    /// <summary>How long a record counts. <value>120 s (RFC 6762, section 10).</value></summary>
    public const uint Ttl = 120;

    // An asker that is no multicast DNS must not keep it for long (RFC 6762, section 6.7).
    private const uint LegacyTtl = 10;
    private const int MaxLabelName = 40;
    private const int PrefixLength = 8;
    private const string NameKey = "name=";
    private const string PinKey = "fp=";

    private static readonly DnsName _browse = new("_services", "_dns-sd", "_udp", "local");

    /// <summary>The name of the service.</summary>
    public static DnsName Name { get; } = new("_parley", "_tcp", "local");

    /// <summary>The question for all instances.</summary>
    public static DnsMessage Query { get; } = new() { Questions = [new DnsQuestion(Name, DnsType.Pointer)] };

    /// <summary>What an instance says unasked; with 0 seconds it takes it back.</summary>
    public static DnsMessage Announce(PeerAnnouncement peer, uint ttl = Ttl) => new() { IsResponse = true, Answers = [.. RecordsOf(peer, ttl)] };

    /// <summary>Answers a query.</summary>
    /// <param name="query">The query.</param>
    /// <param name="peer">Us.</param>
    /// <param name="isLegacy">Whether the asker is no multicast DNS of its own, so that the answer must look like that of an ordinary server.</param>
    /// <returns>The answer; null: nothing of ours was asked for, or the asker knows it.</returns>
    public static DnsMessage? Answer(DnsMessage query, PeerAnnouncement peer, bool isLegacy)
    {
        if (query.IsResponse)
        {
            return null;
        }

        var records = RecordsOf(peer, isLegacy ? LegacyTtl : Ttl).Append(new DnsRecord(_browse, DnsType.Pointer, isLegacy ? LegacyTtl : Ttl) { Target = Name }).ToList();
        var answers = records.Where(record => query.Questions.Any(question => question.IsAnsweredBy(record)) && !query.Answers.Any(known => IsKnown(known, record))).ToList();
        if (answers.Count == 0)
        {
            return null;
        }

        var wantsInstance = answers.Any(record => record.Name.Equals(Name) || record.Type == DnsType.Service);
        return new DnsMessage
        {
            IsResponse = true,
            Id = isLegacy ? query.Id : (ushort)0,
            Questions = isLegacy ? query.Questions : [],
            HasFlush = !isLegacy,
            Answers = answers,
            Additional = wantsInstance ? [.. records.Where(record => !answers.Contains(record) && !record.IsShared)] : [],
        };
    }

    /// <summary>The peer's name and pin in an instance's texts.</summary>
    /// <returns>Both; null: it is no instance of a kind that is known.</returns>
    public static (string Name, CertificatePin Pin)? ReadTexts(IReadOnlyList<string> texts) =>
        Find(texts, NameKey) is { } name && PeerEntry.IsName(name) && CertificatePin.TryParseHash(Find(texts, PinKey), out var pin) && !pin.IsOfKey ? (name, pin) : null;

    private static IEnumerable<DnsRecord> RecordsOf(PeerAnnouncement peer, uint ttl)
    {
        var id = peer.Pin.ToString().Replace("SHA256:", string.Empty, StringComparison.Ordinal).Replace(":", string.Empty, StringComparison.Ordinal)[..PrefixLength].ToLowerInvariant();
        var instance = Name.Under($"{(peer.Name.Length > MaxLabelName ? peer.Name[..MaxLabelName] : peer.Name)} ({id})");
        var machine = new DnsName($"parley-{id}", "local");
        yield return new DnsRecord(Name, DnsType.Pointer, ttl) { Target = instance };
        yield return new DnsRecord(instance, DnsType.Service, ttl) { Target = machine, Port = peer.Port };
        yield return new DnsRecord(instance, DnsType.Text, ttl) { Texts = ["v=1", NameKey + peer.Name, PinKey + peer.Pin] };
        foreach (var address in peer.Addresses)
        {
            yield return new DnsRecord(machine, address.GetAddressBytes().Length == 4 ? DnsType.A : DnsType.Aaaa, ttl) { Address = address };
        }
    }

    // What the asker has for half of its time still needs no answer (RFC 6762, section 7.1).
    private static bool IsKnown(DnsRecord known, DnsRecord ours) =>
        known.Name.Equals(ours.Name) && known.Type == ours.Type && ours.Target is { } target && target.Equals(known.Target) && known.Ttl >= ours.Ttl / 2;

    private static string? Find(IReadOnlyList<string> texts, string key) => texts.FirstOrDefault(text => text.StartsWith(key, StringComparison.OrdinalIgnoreCase))?[key.Length..];
}
