using System.Runtime.CompilerServices;
using Parley.Gateway.OpenAi;
using Parley.Hub.AgentApi.Conversations;

namespace Parley.Hub.Transports.Http.OpenAi;

/// <summary>Something to tell of an answer. With neither, nothing came for so long that the answer had better begin.</summary>
/// <param name="Text">The next characters.</param>
/// <param name="Answer">The whole answer: the end.</param>
internal readonly record struct AnswerEvent(string? Text, ModelAnswer? Answer)
{
    /// <summary>What a conversation tells, to its end.</summary>
    /// <param name="conversation">The conversation.</param>
    /// <param name="patience">How long the beginning may be silent.</param>
    /// <param name="time">The clock.</param>
    /// <param name="keepAsync">What is to be done before the end is told.</param>
    /// <param name="cancellationToken">The caller goes away.</param>
    public static async IAsyncEnumerable<AnswerEvent> ReadAsync(
        Conversation conversation, TimeSpan patience, TimeProvider time, Func<ModelAnswer, Task> keepAsync, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            while (conversation.TryRead(out var text, out var answer))
            {
                if (answer is not null)
                {
                    await keepAsync(answer);
                }

                patience = Timeout.InfiniteTimeSpan;
                yield return new AnswerEvent(text, answer);
                if (answer is not null)
                {
                    yield break;
                }
            }

            if (!await conversation.WaitAsync(patience, time, cancellationToken))
            {
                patience = Timeout.InfiniteTimeSpan;
                yield return default;
            }
        }
    }
}
