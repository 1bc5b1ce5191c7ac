using System.Net;

namespace Parley.Client.PeerApi.Discovery;

/// <summary>What the answers of the network say so far. They are strangers' words, within limits; an instance that is announced in pieces counts when all of them came.</summary>
internal sealed class FoundPeers
{
    /// <summary>Most records that are kept; further ones are not looked at.</summary>
    public const int MaxRecords = 4096;

    private const int MaxAddresses = 8;

    private readonly HashSet<(DnsName Instance, IPAddress From)> _instances = [];
    private readonly Dictionary<DnsName, DnsRecord> _services = [];
    private readonly Dictionary<DnsName, DnsRecord> _texts = [];
    private readonly Dictionary<DnsName, HashSet<IPAddress>> _addresses = [];
    private int _count;

    /// <summary>Takes in a message.</summary>
    /// <param name="message">A response; a query says nothing.</param>
    /// <param name="from">Who sent it: where an instance is that names no address.</param>
    public void Hear(DnsMessage message, IPAddress from)
    {
        if (!message.IsResponse)
        {
            return;
        }

        foreach (var record in message.Answers.Concat(message.Additional))
        {
            if (_count++ >= MaxRecords)
            {
                return;
            }

            Hear(record, from);
        }
    }

    /// <summary>The instances that are whole, by name.</summary>
    public IReadOnlyList<PeerAnnouncement> All()
    {
        var found = new List<PeerAnnouncement>();
        foreach (var (instance, from) in _instances.DistinctBy(one => one.Instance))
        {
            if (_services.TryGetValue(instance, out var service) && _texts.TryGetValue(instance, out var text) && PeerService.ReadTexts(text.Texts) is var (name, pin) && service.Port > 0)
            {
                found.Add(new PeerAnnouncement(name, service.Port, pin, _addresses.TryGetValue(service.Target!, out var addresses) ? [.. addresses] : [from]));
            }
        }

        return [.. found.OrderBy(peer => peer.Name, StringComparer.Ordinal).ThenBy(peer => peer.Pin.ToString(), StringComparer.Ordinal)];
    }

    private void Hear(DnsRecord record, IPAddress from)
    {
        switch (record.Type)
        {
            case DnsType.Pointer when record.Name.Equals(PeerService.Name) && record.Ttl > 0:
                _instances.Add((record.Target!, from));
                break;
            case DnsType.Pointer when record.Name.Equals(PeerService.Name):
                _instances.RemoveWhere(one => one.Instance.Equals(record.Target));
                break;
            case DnsType.Service:
                _services[record.Name] = record;
                break;
            case DnsType.Text:
                _texts[record.Name] = record;
                break;
            case DnsType.A or DnsType.Aaaa when _addresses.GetValueOrDefault(record.Name) is not { Count: >= MaxAddresses }:
                (_addresses.TryGetValue(record.Name, out var addresses) ? addresses : _addresses[record.Name] = []).Add(record.Address!);
                break;
        }
    }
}
