namespace Parley.Client.PeerApi.Discovery;

/// <summary>A question of DNS.</summary>
/// <param name="Name">About what.</param>
/// <param name="Type">Which records.</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type)
{
    /// <summary>Whether a record answers it.</summary>
    public bool IsAnsweredBy(DnsRecord record) => record.Name.Equals(Name) && (Type == DnsType.Any || Type == record.Type);
}
