using Parley.Protocol.Identity;
using Parley.Protocol.Management;

namespace Parley.Cli.Home;

/// <summary>Who can see an agent and whose messages it takes, in words; what the hub decides by visibility and contacts (docs/protocol/hub-api.md).</summary>
internal static class Reach
{
    private const int MaxNamed = 5;

    /// <summary>Who finds the agent in lists and reads its card.</summary>
    public static string SeenBy(AgentView agent) => agent.Visibility switch
    {
        "private" => "nobody but itself and admins of the hub",
        "owner" => $"agents and keys of {agent.Owner}, and of owners that accepted it",
        "hub" => "every agent and every key of this hub",
        "public" => "everybody; its card needs no key",
        var other => $"those that visibility '{other}' names, which this version does not know",
    };

    /// <summary>Whose messages it takes.</summary>
    public static string WrittenToBy(AgentAddress agent, IReadOnlyList<ContactView> contacts)
    {
        var others = $"those of others wait until parley contacts accept{Count(contacts, "pending", ", {0} wait for it now")}{Count(contacts, "blocked", ", {0} blocked")}";
        var accepted = contacts.Where(contact => contact.State == "accepted").Select(contact => contact.Sender).ToList();
        var named = string.Join(", ", accepted.Take(MaxNamed).Prepend($"{agent.Owner}.*"));
        var more = accepted.Count > MaxNamed ? $" and {accepted.Count - MaxNamed} more" : string.Empty;
        return $"messages of {named}{more} are taken; {others}";
    }

    private static string Count(IReadOnlyList<ContactView> contacts, string state, string text) =>
        contacts.Count(contact => contact.State == state) is var count and > 0 ? string.Format(null, text, count) : string.Empty;
}
