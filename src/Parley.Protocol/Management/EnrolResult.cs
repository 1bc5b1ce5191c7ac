namespace Parley.Protocol.Management;

/// <summary>What a new agent learns about itself.</summary>
/// <param name="Address">Its canonical address, <c>owner.name</c>.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels, the token's included.</param>
/// <param name="HubId">The hub's id.</param>
/// <param name="Grpc">Where the link goes.</param>
/// <param name="Http">Where HTTP goes.</param>
/// <param name="IsNameUnique">Whether no other owner has an agent of this name, so that the bare name is enough.</param>
public sealed record EnrolResult(
    string Address, string Owner, string Name, IReadOnlyDictionary<string, string> Labels, string HubId, string Grpc, string Http, bool IsNameUnique);
