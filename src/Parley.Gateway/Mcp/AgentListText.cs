using System.Globalization;
using System.Text;
using Parley.Protocol.Management;

namespace Parley.Gateway.Mcp;

/// <summary>A list of agents as a model reads it.</summary>
public static class AgentListText
{
    /// <summary>A line for each agent.</summary>
    public static string Of(Page<AgentView> page)
    {
        if (page.Data.Count == 0)
        {
            return "There is no agent that you may ask.";
        }

        var text = new StringBuilder();
        foreach (var agent in page.Data)
        {
            text.Append(CultureInfo.InvariantCulture, $"{agent.Address} {(agent.Online ? "online" : "offline")}");
            foreach (var (name, value) in agent.Labels)
            {
                text.Append(CultureInfo.InvariantCulture, $" {name}={value}");
            }

            text.Append('\n');
        }

        return page.Meta.Total > page.Data.Count
            ? text.Append(CultureInfo.InvariantCulture, $"{page.Meta.Total - page.Data.Count} more; use a selector.").ToString()
            : text.ToString().TrimEnd('\n');
    }
}
